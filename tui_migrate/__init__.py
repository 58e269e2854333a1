"""Migrate running BPMN process instances on Camunda 7 compatible engines, from the terminal."""

__version__ = "0.1.0"

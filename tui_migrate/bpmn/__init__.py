"""BPMN XML to the engine's activity model: bytes in, frozen values out, no input or output, no entity resolved."""

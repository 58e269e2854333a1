"""An engine in memory that answers the REST calls of a Camunda 7 compatible engine, for the demo and for tests."""

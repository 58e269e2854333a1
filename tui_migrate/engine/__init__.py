"""The engine's REST client: async, typed, one family of errors. What carries its requests is `wire.Carrier`."""

"""The engine's REST client: async, typed, one family of errors. Alone in knowing httpx, beside the embedded engine."""

"""The engine's migration rules as pure functions: generate, validate, forecast, advise, suggest, compare, draft."""

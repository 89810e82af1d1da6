"""The accounting methods, one module a topic: pure functions of scalars or arrays, each declared with its rule."""

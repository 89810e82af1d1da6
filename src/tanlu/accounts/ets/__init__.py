"""The national emission trading scheme: allocation and compliance."""

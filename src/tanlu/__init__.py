"""Tanlu 碳路: plan, measure and steer a province's science-and-technology support for carbon peaking and neutrality."""

__version__ = "0.1.0"

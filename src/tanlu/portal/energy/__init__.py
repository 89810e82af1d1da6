"""Pages and addresses of energy systems and sites."""

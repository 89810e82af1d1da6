"""Pages and addresses of monitoring."""

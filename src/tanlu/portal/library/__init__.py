"""Pages and addresses of factors and methods."""

"""Pages and addresses of the innovation programme, its registries and the score of the plan."""

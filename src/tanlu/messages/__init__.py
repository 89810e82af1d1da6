"""The texts that users see, one YAML file a room; `tanlu.core.messages` reads them."""

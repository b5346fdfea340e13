"""The register of venues: places by id, chosen in the form, kept free of twins by curators."""

"""What runs Kalendarium: servers on a laptop, an image, a region pack."""

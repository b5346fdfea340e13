"""Files of pictures, read from their database within bounds."""

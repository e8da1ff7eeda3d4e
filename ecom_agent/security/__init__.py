"""What keeps people's data from those it is not meant for."""

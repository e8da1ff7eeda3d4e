"""What we need of the world, as small Protocols named by need."""

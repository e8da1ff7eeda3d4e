"""How the world looks on the wire, vendor by vendor. Renderers only: they read the world and change nothing."""

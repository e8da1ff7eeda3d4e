"""Files as a source: orders from CSV, Parquet and XLSX, where no API exists or history is on disk.

What a column means is data: `mappings/*.yaml`. A file is no account at a marketplace, so there is no
connector here; `read_orders` gives the same pages a connector gives, and the same ingest lands them.
"""

from platforms.files.figures import figures_of_file
from platforms.files.mapping import OrderMapping, load_mapping, mapping_names
from platforms.files.orders import read_orders

__all__ = ["OrderMapping", "figures_of_file", "load_mapping", "mapping_names", "read_orders"]

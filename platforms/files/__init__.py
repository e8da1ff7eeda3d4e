"""Files as a source: orders, reviews, messages and costs from CSV, JSONL, Parquet and XLSX, where no API exists or
history is on disk.

What a column means is data: `mappings/*.yaml`. A file is no account at a marketplace, so there is no connector here;
`read_file` gives the same pages a connector gives, and the same ingest lands them.
"""

from platforms.files.figures import figures_of_file
from platforms.files.loading import MAPPINGS, load_mapping, mapping_names
from platforms.files.mapping import FileMapping, OrderMapping
from platforms.files.orders import read_orders
from platforms.files.read import read_file

__all__ = [
    "MAPPINGS",
    "FileMapping",
    "OrderMapping",
    "figures_of_file",
    "load_mapping",
    "mapping_names",
    "read_file",
    "read_orders",
]

"""A build back end that builds nothing.

pip can only download a source archive after it has asked the archive's own back end for metadata, which means a compiler, a build
environment and minutes. This module stands in front of the real one on PYTHONPATH, answers with the two lines that pip needs, and
leaves pip to do what it does well: find the archive with the machine's own configuration and check its hash.
"""

import os
import pathlib


def prepare_metadata_for_build_wheel(metadata_directory, config_settings=None):
    name, version = os.environ["SDIST_NAME"], os.environ["SDIST_VERSION"]
    folder = f"{name.replace('-', '_')}-{version}.dist-info"
    path = pathlib.Path(metadata_directory, folder)
    path.mkdir()
    (path / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    return folder


def get_requires_for_build_wheel(config_settings=None):
    return []

"""What the site of `make docs` needs beyond settings: pages from outside docs/, dbt's own pages, the decisions in the menu.

MkDocs calls the functions by name. Not here: how the site looks (mkdocs.yml, site.css), and what the pages say.
"""

from __future__ import annotations

import posixpath
import re
from pathlib import Path

import jieba
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page
from pymdownx.slugs import slugify

ROOT = Path(__file__).parents[2]
DBT_PAGES = ROOT / "build" / "dbt_docs" / "static_index.html"
# Pages of the repository outside docs/, and under which name the site has them.
FROM_OUTSIDE = {
    "README.md": "overview.md",
    "CONTRIBUTING.md": "contributing.md",
    "CHANGELOG.md": "changelog.md",
    "benchmarks/README.md": "benchmarks.md",
    "sources/reference/README.md": "reference.md",
}
_INSIDE = {site: outside for outside, site in FROM_OUTSIDE.items()}
_FETCHED = re.compile(
    r"""<(?:script|link|img|iframe|source)\b[^>]*\b(?:src|href)=["']?(?:https?:)?//[^>]*>"""
)
_LINK = re.compile(r"\[(?P<text>[^\]]*)\]\((?P<target>[^)#:\s]+)(?P<anchor>#[^)\s]*)?\)")


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Headings keep their Chinese in addresses; every decision is in the menu."""
    jieba.setLogLevel("WARNING")
    config.mdx_configs["toc"]["slugify"] = slugify(case="lower")
    decisions = sorted(path.name for path in (ROOT / "docs" / "decisions").glob("*.md"))
    config.nav[-1] = {"决定 Decisions": [f"decisions/{name}" for name in decisions]}
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages from outside docs/ and dbt's. Raises FileNotFoundError if those have not been made."""
    if not DBT_PAGES.is_file():
        raise FileNotFoundError(f"{DBT_PAGES}: make docs")
    for outside, site in FROM_OUTSIDE.items():
        files.append(File.generated(config, site, abs_src_path=str(ROOT / outside)))
    # dbt writes down where it was called; nobody else has that folder.
    dbt_pages = DBT_PAGES.read_text(encoding="utf-8").replace(str(ROOT), "")
    files.append(File.generated(config, "dbt/index.html", content=dbt_pages))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Links as they hold in the repository become links of the site; what the site does not have stays as text."""
    uri = page.file.src_uri
    folder = posixpath.dirname(_INSIDE.get(uri, f"docs/{uri}"))

    def on_the_site(link: re.Match[str]) -> str:
        repository = posixpath.normpath(posixpath.join(folder, link["target"]))
        site = FROM_OUTSIDE.get(repository) or repository.removeprefix("docs/")
        site = posixpath.join(site, "README.md") if f"{site}/README.md" in files.src_uris else site
        target = files.get_file_from_path(site)
        if target is None:
            return link["text"]
        text = _title(target) if link["text"].endswith(".md") else link["text"]
        return f"[{text}]({posixpath.relpath(site, posixpath.dirname(uri) or '.')}{link['anchor'] or ''})"

    return _LINK.sub(on_the_site, markdown)


def _title(file: File) -> str:
    """The heading of a page: on the site nobody knows it by its file."""
    return file.content_string.partition("\n")[0].removeprefix("# ")


def on_post_page(output: str, page: Page, config: MkDocsConfig) -> str:
    """Raise PluginError when a page would fetch anything from outside."""
    if found := _FETCHED.search(output):
        raise PluginError(f"{page.file.src_uri} fetches from outside: {found[0]}")
    return output

"""`tanlu report`: frozen results as PDF, Word, Excel or a page, with a template that an office can edit."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from tanlu.commands.common import AsJson, Language, check_language, default_language, default_workspace, fail

if TYPE_CHECKING:
    from tanlu.charts import Results
    from tanlu.reports.composing import Content

app = typer.Typer(
    help="报告：PDF、Word、Excel，模板可由单位自行修改。Reports as PDF, Word, Excel, from templates that an office can edit.",
    no_args_is_help=True,
)
Out = Annotated[Path, typer.Option("--out", help="工作区。Workspace.", file_okay=False)]
Run = Annotated[str, typer.Option("--run", help="运行编号，默认最新。Run id; the newest by default.")]
File = Annotated[
    Path | None, typer.Option("--file", help="写到哪里，后缀决定格式。File to write; its ending decides the format.")
]
Form = Annotated[str, typer.Option("--format", help="pdf、docx、xlsx、html。")]
Template = Annotated[Path | None, typer.Option("--template", help="自己的模板（Markdown）。A template of your own.")]
Style = Annotated[
    Path | None,
    typer.Option("--word-style", help="单位的 Word 文件，采用其样式和版头。A Word file with your letterhead."),
]
Force = Annotated[bool, typer.Option("--force", help="覆盖已有文件。Overwrite.")]


def _folder(out: Path, run: str) -> Path:
    from tanlu.workspace import Workspace

    workspace = Workspace.open(out)
    return workspace.run_folder(run) if run else workspace.latest()


def _results(out: Path, run: str) -> Results:
    from tanlu.charts import Results

    return Results.load(_folder(out, run))


class Wish(NamedTuple):
    """How a report is wanted."""

    file: Path | None
    form: str
    template: Path | None
    style: Path | None
    force: bool
    language: str
    as_json: bool


def _answer(make: Callable[[], Content], wish: Wish) -> None:
    """Make a report and put it in place when it is whole, or tell what is wrong."""
    check_language(wish.language)
    from tanlu.core.errors import DataError

    try:
        _write(make(), wish)
    except DataError as error:
        fail(error, wish.language, wish.as_json)


def _write(content: Content, wish: Wish) -> None:
    from rich.console import Console

    from tanlu.core.errors import DataError, Problem
    from tanlu.core.messages import translate
    from tanlu.reports.office import document, render

    chosen = wish.form or (wish.file.suffix.lstrip(".").lower() if wish.file else "") or "pdf"
    target = wish.file or Path(f"{content.name}-{wish.language}.{chosen}")
    if target.exists() and not wish.force:
        raise DataError([Problem("report_exists", "", value=str(target))])
    with Console(stderr=True).status(translate("reports.office.making", wish.language)):
        data = render(document(content, wish.template), chosen, wish.style)
    part = target.with_name(f".{target.name}.part")
    try:
        part.write_bytes(data)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    if wish.as_json:
        told = {"file": str(target), "format": chosen, "bytes": len(data), "title": content.title}
        print(json.dumps(told, ensure_ascii=False))
    else:
        print(translate("reports.office.written", wish.language, file=target, size=f"{len(data) / 1000:,.0f}"))


@app.command()
def annual(
    out: Out = default_workspace(), run: Run = "", file: File = None, form: Form = "", template: Template = None,
    word_style: Style = None, force: Force = False, as_json: AsJson = False, language: Language = default_language(),
) -> None:  # fmt: skip
    """全省年度报告。Annual report of the province.

    例 Example: tanlu report annual --file annual.pdf
    """
    from tanlu.reports import contents

    wish = Wish(file, form, template, word_style, force, language, as_json)
    _answer(lambda: contents.annual(_results(out, run), language), wish)


@app.command()
def targets(
    out: Out = default_workspace(), run: Run = "", file: File = None, form: Form = "", template: Template = None,
    word_style: Style = None, force: Force = False, as_json: AsJson = False, language: Language = default_language(),
) -> None:  # fmt: skip
    """方案目标进展。Where the plan's targets stand.

    例 Example: tanlu report targets --file targets.xlsx
    """
    from tanlu.reports import contents

    wish = Wish(file, form, template, word_style, force, language, as_json)
    _answer(lambda: contents.scoreboard(_results(out, run), language), wish)


@app.command()
def scenarios(
    names: Annotated[list[str] | None, typer.Argument(help="情景名称，默认六个。Scenarios; six by default.")] = None,
    out: Out = default_workspace(), run: Run = "", file: File = None, form: Form = "", template: Template = None,
    word_style: Style = None, force: Force = False, as_json: AsJson = False, language: Language = default_language(),
) -> None:  # fmt: skip
    """情景对比。Scenarios beside each other.

    例 Example: tanlu report scenarios current-mid plan-mid --file scenarios.docx
    """
    from tanlu.reports import contents

    wish = Wish(file, form, template, word_style, force, language, as_json)
    _answer(lambda: contents.scenarios(_results(out, run), language, names or ()), wish)


@app.command()
def prefecture(
    region: Annotated[str, typer.Argument(help="市州。Prefecture: the last part of its id.")],
    out: Out = default_workspace(), run: Run = "", file: File = None, form: Form = "", template: Template = None,
    word_style: Style = None, force: Force = False, as_json: AsJson = False, language: Language = default_language(),
) -> None:  # fmt: skip
    """市州简报。Brief on a prefecture.

    例 Example: tanlu report prefecture NAME --file brief.pdf
    """
    from tanlu.reports import contents

    wish = Wish(file, form, template, word_style, force, language, as_json)
    _answer(lambda: contents.prefecture(_results(out, run), language, region), wish)


@app.command()
def account(
    folder: Annotated[Path, typer.Argument(help="核算结果文件夹。Folder of `tanlu account compute`.", file_okay=False)],
    file: File = None, form: Form = "", template: Template = None, word_style: Style = None, force: Force = False,
    as_json: AsJson = False, language: Language = default_language(),
) -> None:  # fmt: skip
    """企业或园区核算报告，先重算一遍。Report on an account, recomputed first.

    例 Example: tanlu report account works --file works.docx
    """
    from tanlu.reports.account_contents import account as account_content

    wish = Wish(file, form, template, word_style, force, language, as_json)
    _answer(lambda: account_content(folder, language), wish)


@app.command("template")
def template_file(
    kind: Annotated[str, typer.Argument(help="annual、prefecture、targets、scenarios、account。")],
    language: Language = default_language(),
) -> None:
    """打印随附模板，供修改。Print the template of a report, to begin your own with.

    例 Example: tanlu report template annual > our-annual.md
    """
    check_language(language)
    from tanlu.reports.office import KINDS, template_text

    if kind not in KINDS:
        raise typer.BadParameter(f"{kind!r}: {', '.join(KINDS)}")
    print(template_text(kind, language), end="")

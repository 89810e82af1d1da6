"""Tables of filings and payments: what they hold is told by their columns, all errors at once, one wrong row and nothing is written."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from tests.registry.conftest import HOME, Office

from tanlu.assessment.filing.importing import import_file, kind_of, read_supposed
from tanlu.assessment.filing.lists import list_filings, list_payments, list_runs
from tanlu.core.errors import DataError
from tanlu.records import NotPermittedError, Principal

FILINGS = (
    '市州,指标,年度,数值,说明\n长沙市,市州实施任务完成率,2024,"1,048.5",\nChangsha,basic_projects,2024,12,a note\n'
)
PAYMENTS = (
    "市州,合同编号,年度,付款方统一社会信用代码,付款方类别,投入类别,金额（元）\n"
    "长沙市,HT-1,2024,91430100MA4L00000F,企业,研究开发,1000000.50\n"
    "长沙市,HT-2,2024,91430100MA4L00000F,enterprise,first-use purchase,20\n"
)
WRONG = (
    "region,contract,year,payer,payer_kind,kind,amount\n"
    "长沙市,HT-1,2024,9143,someone,研究开发,lots\n"
    "长沙市,HT-3,1999,x,企业,研究开发,5\n"
)


def written(folder: Path, name: str, text: str) -> Path:
    (folder / name).write_text(text, encoding="utf-8")
    return folder / name


def test_tables_are_known_by_their_columns_and_filed_with_the_file_as_evidence(office: Office, tmp_path: Path) -> None:
    records, who = office.records, office.bureau
    for name, text, kind in (("f.csv", FILINGS, "filings"), ("p.csv", PAYMENTS, "investments")):
        file = written(tmp_path, name, text)
        size = records.database.size()
        assert import_file(records, who, file, dry_run=True)[1].written == 0 and records.database.size() == size
        found, report = import_file(records, who, file)
        assert (found, report.written, report.problems) == (kind, 2, ())
        assert len(import_file(records, who, file)[1].problems) == 2, "the same again is refused row by row"
    with records.database.read() as session:
        filings = list_filings(session, records.rights, office.officer, year=2024, limit=1)
        payments = list_payments(session, records.rights, office.auditor, region=HOME)
        others = [list_filings(session, records.rights, p).total for p in (office.neighbour, office.unit, Principal())]
        assert list_runs(session, records.rights, office.officer) == []
    assert (filings.total, len(filings.items), payments.total, others) == (2, 1, 2, [0, 0, 0])
    assert {i.value for i in payments.items} == {"1000000.50", "20.00"}


def test_all_errors_of_a_table_are_told_at_once(desk: Office, tmp_path: Path) -> None:
    size = desk.records.database.size()
    _, report = import_file(desk.records, desk.bureau, written(tmp_path, "w.csv", WRONG))
    assert {(p.row, p.field) for p in report.problems} == {(2, "payer_kind"), (2, "amount")}
    right_types = WRONG.replace("someone", "企业").replace("lots", "7")
    _, report = import_file(desk.records, desk.bureau, written(tmp_path, "w.csv", right_types))
    assert {(p.row, p.field) for p in report.problems} == {(2, "payer"), (3, "year")}
    assert desk.records.database.size() == size
    with pytest.raises(DataError):
        kind_of(written(tmp_path, "x.csv", "a,b\n1,2\n"))
    with pytest.raises(NotPermittedError):
        import_file(desk.records, desk.unit, written(tmp_path, "f.csv", FILINGS))


def test_supposed_values_are_read_with_all_their_errors(desk: Office, tmp_path: Path) -> None:
    file = written(tmp_path, "s.csv", "市州,指标,数值\n长沙市,plan_tasks,80\n")
    assert read_supposed(desk.records, file, 2024) == {(HOME, "plan_tasks"): Decimal(80)}
    with pytest.raises(DataError) as error:
        read_supposed(desk.records, written(tmp_path, "s.csv", "region,indicator,value\n月球,x,y\n"), 2024)
    assert {p.field for p in error.value.problems} == {"region", "indicator", "value"}

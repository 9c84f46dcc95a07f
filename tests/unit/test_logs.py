"""Logs: plain lines off a terminal, no addresses, libraries kept quiet."""

import io
import json
import logging

import pytest

from config.logs import About, Running, set_up


@pytest.fixture
def stream():
    """A stream that takes the log, as it was before afterwards."""
    root = logging.getLogger()
    handlers = list(root.handlers)
    written = io.StringIO()
    set_up("INFO", written)
    yield written
    root.handlers[:] = handlers
    for name in ("config", "importers", "mailers", "sync", "validators"):
        logging.getLogger(name).setLevel(logging.NOTSET)


def test_lines_are_plain_and_name_no_address(stream):
    logging.getLogger("sync.journeys").info("K-0007: letter to %s", "Ola <ola.k@firma.pl>")
    line = stream.getvalue()
    assert "INFO sync.journeys: K-0007: letter to Ola <…@firma.pl>" in line
    assert "\x1b" not in line


def test_addresses_are_cut_from_tracebacks_too(stream):
    try:
        raise ValueError("ola@firma.pl")
    except ValueError:
        logging.getLogger("sync").exception("failed")
    assert "ValueError: …@firma.pl" in stream.getvalue()


def test_message_ids_of_ours_stay_whole(stream):
    logging.getLogger("mailers.smtp").warning("<kartoteka.0123abcd@firma.pl> is in doubt")
    assert "<kartoteka.0123abcd@firma.pl>" in stream.getvalue()


def test_libraries_speak_from_warning_up_and_we_from_the_level(stream):
    logging.getLogger("gspread").info("quiet")
    logging.getLogger("sync").debug("quiet")
    assert stream.getvalue() == ""


def test_setting_up_again_does_not_double_lines(stream):
    again = io.StringIO()
    set_up("DEBUG", again)
    logging.getLogger("sync").debug("once")
    assert again.getvalue().count("once") == 1
    assert stream.getvalue() == ""


def test_an_unknown_level_is_refused(stream):
    with pytest.raises(ValueError, match="CHATTY"):
        set_up("chatty", stream)


def test_each_line_of_a_run_bears_its_id_and_what_else_there_is_to_say(stream):
    log = logging.getLogger("sync")
    with Running("20261123T080000-7f3ac1e0"):
        log.info("run ended", extra={"data": {"state": "needs a person", "letters": 2}})
    log.info("waiting")
    first, second = stream.getvalue().splitlines()
    assert first.endswith('sync: run ended run=20261123T080000-7f3ac1e0 state="needs a person" letters=2')
    assert second.endswith("sync: waiting")


def test_each_line_about_one_of_several_workbooks_bears_its_name_beside_the_run(stream):
    log = logging.getLogger("sync")
    for name in ("serwis", ""):
        with About(workbook=name):
            with Running("r1"):
                log.info("run ended")
            log.info("waiting")
    lines = [line.partition("sync: ")[2] for line in stream.getvalue().splitlines()]
    assert lines == ["run ended workbook=serwis run=r1", "waiting workbook=serwis", "run ended run=r1", "waiting"]


def test_in_a_run_of_the_service_a_line_bears_the_run_and_before_it_the_service(stream):
    with Running("service-1"):
        logging.getLogger("sync").info("waiting")
        with About(workbook="serwis"), Running("r1"):
            logging.getLogger("sync").info("run ended")
        logging.getLogger("sync").info("stopped")
    lines = [line.partition("sync: ")[2] for line in stream.getvalue().splitlines()]
    assert lines == ["waiting run=service-1", "run ended workbook=serwis run=r1", "stopped run=service-1"]


def test_as_text_an_event_is_one_line_even_with_a_traceback_and_whatever_it_names(stream):
    try:
        raise ValueError("Żuraw\n2026-11-23T08:00:00+0100 INFO sync: forged")
    except ValueError:
        logging.getLogger("sync").exception("cannot be used:\n  [schedule] sync: no such key\r\u2028")
    (line,) = stream.getvalue().splitlines()
    assert "sync: cannot be used: | [schedule] sync: no such key" in line
    assert line.endswith(" | ValueError: Żuraw | 2026-11-23T08:00:00+0100 INFO sync: forged")


def test_as_json_a_line_is_one_object_even_with_a_traceback(stream):
    set_up("INFO", stream, "json")
    try:
        raise ValueError('ola@firma.pl\n"Żuraw"')
    except ValueError:
        with Running("r1"):
            logging.getLogger("sync").exception("failed", extra={"data": {"client": "K-0007"}})
    (line,) = map(json.loads, stream.getvalue().splitlines())
    assert (line["level"], line["logger"], line["message"], line["run"]) == ("ERROR", "sync", "failed", "r1")
    assert (line["client"], "…@firma.pl" in line["error"], "ola" in line["error"]) == ("K-0007", True, False)

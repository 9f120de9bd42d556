"""The control of all tests in the browser: trouble is noticed, whatever kind it is of."""

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.once]
TROUBLE = {
    "script-src": "document.body.append(Object.assign(document.createElement('script'), {text: '1'}))",
    "img-src": "document.body.append(Object.assign(new Image(), {src: 'https://example.com/x.png'}))",
    "404": "document.body.append(Object.assign(new Image(), {src: '/missing.png'}))",
    "out of paper": "setTimeout(() => { throw new Error('out of paper') })",
    "no ink": "console.error('no ink')",
}


def test_the_control_trouble_on_a_page_is_noticed(open_window):
    page = open_window()
    page.goto("/admin/login/")
    assert not open_window.complaints
    for trouble in TROUBLE.values():
        page.evaluate(f"() => {{ {trouble} }}")
    page.wait_for_timeout(1000)
    noticed = " ".join(open_window.complaints)
    open_window.complaints.clear()
    assert [words for words in TROUBLE if words not in noticed] == []

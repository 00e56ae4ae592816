"""The shell around all pages."""

from demo.views import shell


def test_the_shell_is_safe_to_evaluate_as_a_template():
    assert "${" not in shell() and "{{" not in shell()

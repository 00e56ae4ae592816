"""A plan in plain English that reads back to the same plan: what a changed query is searched as.

Of its wordings the first that `read_query` reads back to the plan is taken. Where none does, the
plan cannot be said, and is not offered.
"""

from functools import lru_cache

from hicalm.reading.grammar_reading import read_by_grammar
from hicalm.reading.plan_reading import read_query
from hicalm.reading.plan_wordings import REMEMBERED, is_wording, wordings
from hicalm.reading.query_plan import Description, Plan, shape


@lru_cache(maxsize=REMEMBERED)
def plan_text(plan: Plan) -> str:
    """Return a plan as a query in English, which `read_query` reads back to its shape.

    Empty for one that no wording known here says. Takes some milliseconds for each wording tried.
    """
    if isinstance(plan, Description):
        return "\n\n".join(" ".join(sentences) for sentences in plan.paragraphs)
    return next((text for text in wordings(plan) if _says(text, plan)), "")


def _says(text: str, plan: Plan) -> bool:
    """Tell whether a wording is read as a plan of this shape; the tagger is asked for plain ones
    alone, as it takes longer and reads no wording of the others."""
    if plan.is_plain:
        return shape(read_query(text).plan) == shape(plan)
    read = read_by_grammar(text).plan
    return is_wording(text, read) and shape(read) == shape(plan)

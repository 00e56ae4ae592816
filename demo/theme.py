"""The look of Gradio's own parts: the colours of ``assets/style.css``, light and dark."""

import gradio as gr


def theme() -> gr.themes.Base:
    """Return the theme; its fonts are those of the visitor's system."""
    both = {
        "body_background_fill": "var(--paper)",
        "body_text_color": "var(--ink)",
        "body_text_color_subdued": "var(--muted)",
        "background_fill_primary": "var(--surface)",
        "background_fill_secondary": "var(--sunken)",
        "border_color_primary": "var(--line)",
        "border_color_accent": "var(--accent)",
        "color_accent_soft": "var(--sunken)",
        "block_background_fill": "var(--surface)",
        "block_border_color": "var(--line)",
        "block_label_text_color": "var(--muted)",
        "block_title_text_color": "var(--muted)",
        "block_info_text_color": "var(--muted)",
        "input_background_fill": "var(--surface)",
        "input_border_color": "var(--edge)",
        "input_border_color_focus": "var(--focus)",
        "input_placeholder_color": "var(--muted)",
        "button_primary_background_fill": "var(--accent)",
        "button_primary_background_fill_hover": "var(--accent)",
        "button_primary_text_color": "var(--on-accent)",
        "button_secondary_background_fill": "var(--surface)",
        "button_secondary_background_fill_hover": "var(--sunken)",
        "button_secondary_border_color": "var(--edge)",
        "button_secondary_text_color": "var(--ink)",
        "checkbox_background_color": "var(--surface)",
        "checkbox_background_color_selected": "var(--accent)",
        "checkbox_border_color": "var(--edge)",
        "checkbox_border_color_selected": "var(--accent)",
        "checkbox_label_background_fill": "var(--surface)",
        "checkbox_label_background_fill_selected": "var(--sunken)",
        "checkbox_label_text_color": "var(--ink)",
        "checkbox_label_text_color_selected": "var(--ink)",
        "checkbox_label_border_color": "var(--line)",
        "slider_color": "var(--accent)",
        "link_text_color": "var(--accent)",
        "table_even_background_fill": "var(--surface)",
        "table_odd_background_fill": "var(--paper)",
        "table_border_color": "var(--line)",
        "table_text_color": "var(--ink)",
    }
    dark = {f"{name}_dark": value for name, value in both.items()}
    shapes = {
        "block_radius": "10px",
        "block_label_radius": "10px",
        "input_radius": "8px",
        "input_border_width": "1px",
    }
    plain = gr.themes.Base(font=["system-ui", "sans-serif"], font_mono=["monospace"])
    return plain.set(**both, **dark, **shapes)

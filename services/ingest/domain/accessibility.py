"""What a place or event offers to guests with particular needs: the codes of section 5 and their labels."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from shared.web.locale import gettext_noop

ACCESSIBILITY: Mapping[str, str] = MappingProxyType(
    {
        "step_free": gettext_noop("wejście bez schodów"),
        "accessible_toilet": gettext_noop("toaleta dostosowana"),
        "accessible_parking": gettext_noop("miejsca postojowe dla osób z niepełnosprawnością"),
        "lift": gettext_noop("winda"),
        "wheelchair_places": gettext_noop("miejsca dla osób na wózkach"),
        "induction_loop": gettext_noop("pętla indukcyjna"),
        "sign_language": gettext_noop("tłumaczenie na polski język migowy"),
        "subtitles": gettext_noop("napisy"),
        "audio_description": gettext_noop("audiodeskrypcja"),
        "tactile": gettext_noop("eksponaty lub plany do dotykania"),
        "easy_read": gettext_noop("informacja w tekście łatwym do czytania"),
        "quiet_place": gettext_noop("miejsce wyciszenia"),
        "assistance_dogs": gettext_noop("wstęp z psem asystującym"),
        "companion_free": gettext_noop("bezpłatny wstęp dla asystenta"),
        "changing_place": gettext_noop("miejsce do przewijania dorosłych i dzieci"),
    }
)
"""Codes never change their meaning; a new one is added at the end. The label is a Polish msgid."""

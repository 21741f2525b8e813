"""What a report says of agents' time, in French."""

from typing import Final

WORDS: Final = {
    "s.agents": "Temps des conseillers", "no_team": "(sans équipe)",
    "c.team": "Équipe", "c.logged_in": "Connecté", "c.paused": "En pause",
    "c.occupancy": "Occupation", "c.conversations": "Conversations", "c.aht": "DMT",
    "c.talk": "Parole", "c.hold": "Garde", "c.wrap_up": "Post-appel",
    "t.agents": "Temps des conseillers par équipe",
    "t.agent_months": "Occupation par équipe et par mois, avec la durée moyenne de traitement "
    "(DMT)",
    "p.agents": "Temps des conseillers connectés et observés, tous ceux d’une équipe ensemble. "
    "L’occupation est parole, garde et post-appel / temps connecté hors pauses. La DMT est la "
    "parole, la garde et le post-appel d’une conversation, en moyenne. Ces chiffres viennent d’un "
    "relevé à part\u202f: ils ne sont pas dans un dossier de preuves, ni recomptés.",
    "p.agents_unobserved": "Non observé, pour les conseillers connectés au début de "
    "l’interruption\u202f: {unobserved}. Ce temps n’est dans aucun chiffre ci-dessous.",
    "df.occupancy": "Occupation",
    "dn.occupancy": "(parole + garde + post-appel) / (connecté − pauses)",
    "d.occupancy": "De tous les conseillers ensemble, tant qu’ils étaient observés.",
    "df.aht": "Durée moyenne de traitement (DMT)",
    "dn.aht": "(parole + garde + post-appel) / conversations",
    "d.aht": "Une conversation compte dans l’heure où elle a pris fin.",
}  # fmt: skip

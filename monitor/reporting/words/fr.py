"""The words of reports in French; narrow no-break spaces are written as escapes."""

from typing import Final

WORDS: Final = {
    "title": "Rapport sur l’engagement",
    "header": "Rapport sur l’engagement · {period}",
    "period": "du {first} au {last}",
    "whole": "Toutes les files",
    "only": "Ces files seulement\u202f: {queues}",
    "pbxs": "Systèmes téléphoniques\u202f: {pbxs}",
    "contents": "Sommaire",
    "sentence": "Prise en charge téléphonique du client en moins {within}, par un conseiller ou "
    "un serveur vocal.",
    "one_minute": "d’une minute",
    "measures": "Ce sont des mesures, tirées du relevé des appels. Dire si elles satisfont à un "
    "référentiel appartient à son auditeur.",
    "made": "Établi le {at} par {by} avec {program}\u202f; les heures sont celles de {zone}",
    "made_bare": "Les heures sont celles de {zone}",
    "yes": "oui", "no": "non", "none": "aucun", "nothing": "Rien de tel sur cette période.",
    "not_known": "inconnu",
    "between": "entre {low} et {high}",
    "total": "Total",
    "no_queue": "(aucune file)",
    "still": "en vigueur à la fin",
    # --- sections
    "s.summary": "Synthèse", "s.queues": "Par file", "s.months": "Par mois",
    "s.queue_months": "Par file et par mois",
    "s.waits": "Combien de temps les appelants ont attendu",
    "s.exclusions": "Appels exclus", "s.observation": "Ce qui a été observé",
    "s.channels": "Autres canaux", "s.satisfaction": "Ce que les appelants ont répondu",
    "s.corrections": "Corrections", "s.voice": "Serveurs vocaux", "s.overflow": "Débordement",
    "s.previous": "Par rapport à la période précédente", "s.policies": "Versions de la politique",
    "s.definitions": "Définitions", "s.seals": "Sceaux, et comment vérifier",
    # --- key figures
    "k.rate": "Engagement tenu", "k.rate_note": "{met} sur {judged} appels tranchés",
    "k.target": "objectif {target}",
    "k.level": "Niveau de service", "k.calls": "Appels",
    "k.calls_note": "{unknown} à l’issue inconnue",
    "k.coverage": "Temps d’ouverture observé", "k.coverage_note": "{count} intervalles aveugles",
    "k.coverage_note_one": "{count} intervalle aveugle",
    # --- verdicts and tables
    "v.met": "Tenus", "v.breached": "Non tenus", "v.abandoned": "Abandonnés avant l’échéance",
    "v.refused": "Refusés avant l’échéance", "v.excluded": "Exclus", "v.unknown": "Inconnus",
    "v.pending": "Pas encore tranchés",
    "vh.met": "Pris en charge avant l’échéance",
    "vh.breached": "L’échéance est passée\u202f: {handled} pris en charge en retard, {abandoned} "
    "abandonnés ensuite, {refused} refusés ensuite, {otherwise} autrement",
    "vh.abandoned": "L’appelant est parti avant l’échéance sans être pris en charge\u202f; {short} "
    "aussitôt",
    "vh.refused": "Refusés par le système téléphonique avant l’échéance, sans prise en charge",
    "vh.excluded": "Non jugés, chacun avec une raison",
    "vh.unknown": "L’issue n’a pas été observée",
    "vh.pending": "Appels encore en cours quand le rapport a été établi",
    "c.verdict": "Verdict", "c.calls": "Appels", "c.share": "Part", "c.meaning": "Signification",
    "c.queue": "File", "c.month": "Mois", "c.met": "Tenus", "c.breached": "Non tenus",
    "c.abandoned": "Aband.", "c.refused": "Refusés", "c.excluded": "Exclus",
    "c.unknown": "Inc.", "c.rate": "Tenu", "c.range": "Fourchette", "c.target": "Objectif",
    "c.level": "Niv. serv.", "c.asa": "Att. moy.", "c.formula": "Formule",
    "c.numerator": "Numérateur", "c.denominator": "Dénominateur", "c.value": "Valeur",
    "c.figure": "Indicateur", "c.reason": "Raison", "c.pbx": "Système", "c.from": "De",
    "c.to": "À", "c.length": "Durée", "c.open": "Pendant l’ouverture",
    "c.cause": "Cause", "c.open_time": "Temps d’ouverture", "c.observed": "Observé",
    "c.action": "Action", "c.outcome": "Résultat", "c.commands": "Commandes",
    "c.voice": "Serveur vocal", "c.reached": "Atteint", "c.with_input": "Avec saisie",
    "c.left_without": "Quitté sans prise en charge", "c.average": "Durée moy.",
    "c.now": "Cette période", "c.before": "La précédente", "c.change": "Écart",
    "c.version": "Version", "c.since": "Depuis", "c.changed": "Ce qui a changé",
    "c.definition": "Ce que c’est", "c.offered": "Présentés",
    "t.verdicts": "Appels par verdict", "t.levels": "Niveau de service des passages en file",
    "t.queues": "Résultats par file", "t.months": "Résultats par mois",
    "t.queue_months": "Engagement tenu, par file et par mois",
    "t.waits": "Attentes", "t.exclusions": "Appels exclus, par raison",
    "t.coverage": "Couverture", "t.blind": "Intervalles aveugles", "t.voice": "Serveurs vocaux",
    "t.overflow": "Commandes de débordement et leur résultat", "t.previous": "Comparaison",
    "t.policies": "Versions en vigueur", "t.definitions": "Définitions et formules",
    # --- texts
    "p.summary": "Sur la période, {calls} appels sont arrivés. {judged} ont été jugés au titre de "
    "l’engagement\u202f: {met} pris en charge à temps, {breached} non. Le reste figure à côté, "
    "jamais caché dedans.",
    "p.range": "Appels à l’issue inconnue\u202f: {unknown}. Tous comptés contre l’engagement, puis "
    "tous pour, le taux se situe {range}.",
    "p.no_unknown": "Aucun appel n’a d’issue inconnue\u202f; le taux n’est donc pas une "
    "fourchette.",
    "p.levels": "Le niveau de service n’est pas une formule unique. Les cinq en usage sont "
    "données. T est le seuil de chaque file à l’entrée de l’appelant\u202f; les passages à l’issue "
    "inconnue ({unknown}) en font une fourchette.",
    "p.queues": "Un appel appartient à une file, la première qui a admis l’appelant\u202f: les "
    "lignes s’additionnent au total. Niveau de service et attente moyenne sont ceux des passages "
    "dans chaque file.",
    "p.months": "Appels par mois d’arrivée, dans le fuseau horaire du centre.",
    "p.queue_months": "Tenus / (tenus + non tenus)\u202f; le nombre d’appels tranchés figure "
    "dessous.",
    "p.waits": "Du départ du chronomètre de l’engagement à la prise en charge, à temps ou en "
    "retard\u202f; les appelants jamais pris en charge n’y sont pas. Les attentes sont arrondies à "
    "la seconde supérieure.",
    "p.waits_longer": "Appels ayant attendu plus de {last}\u202f: {calls}.",
    "p.exclusions": "Ces appels n’entrent dans aucun taux. Chacun a sa raison dans le relevé.",
    "p.coverage": "Temps d’ouverture selon le calendrier du centre, compté pour chaque système "
    "téléphonique. Ce qui n’est pas observé est enregistré comme intervalle aveugle, jamais comblé "
    "par supposition.",
    "p.begins": "Le relevé commence le {at}\u202f: le temps d’ouverture antérieur compte comme non "
    "observé.",
    "p.blind": "Intervalles aveugles\u202f: {count}, {length} en tout, dont {open} pendant "
    "l’ouverture.",
    "p.blind_most": "Les {shown} plus longs sont listés\u202f; le JSON de ce rapport les a tous.",
    "p.corrections": "Un verdict est corrigé quand un événement tardif ou le journal des files le "
    "dément\u202f; ce qu’il était reste dans le relevé. Appels corrigés\u202f: "
    "{corrected}\u202f; corrections\u202f: {corrections}. Appels observés en partie\u202f: "
    "{partly}.",
    "p.overflow": "Ce que Minuteur a demandé au système téléphonique pour les appelants qui "
    "allaient attendre trop longtemps, et ce qu’on en a vu résulter.",
    "p.voice": "Passages dans les serveurs vocaux. «\u202fQuitté sans prise en charge\u202f»"
    "\u202f: l’appel y a pris fin sans que personne n’ait pris l’appelant en charge.",
    "p.previous": "La période précédente est de même longueur\u202f: {period}.",
    "p.no_previous": "Ce rapport n’a pas de comparaison\u202f: il a été établi sans les appels de "
    "la période précédente.",
    "p.policies": "Chaque verdict garde la version de la politique qui l’a jugé\u202f; un "
    "changement ultérieur ne récrit aucun appel clos.",
    "p.first_version": "la première", "p.unknown_changes": "non indiqué ici",
    "p.no_changes": "rien qui juge les appels",
    "p.starts": "Le chronomètre part {start}. Un abandon en moins de {short} est dit court.",
    "p.thresholds": "Seuils selon lesquels les appels ont été jugés, et combien\u202f: {list}.",
    "p.threshold": "{within} ({calls})",
    "p.seals": "Chaque jour (UTC) est scellé une fois terminé\u202f: l’empreinte de ses appels est "
    "prise, et chaque sceau nomme le précédent. Voici la tête de la chaîne au moment du "
    "rapport\u202f:",
    "p.sealed": "Scellé du {first} au {last}. Jours de la période qui sont scellés\u202f: "
    "{days}\u202f; pas encore, ou avant la chaîne\u202f: {open}.",
    "p.no_seals": "Aucun jour n’était encore scellé quand ce rapport a été établi.",
    "p.verify": "Demandez le dossier de preuves de la période et vérifiez-le sur votre propre "
    "ordinateur, sans la base de données et sans avoir à croire qui l’a établi\u202f:",
    "p.verify_more": "La commande trouve tout changement, ajout ou retrait, contrôle que la chaîne "
    "a la tête ci-dessus, et recompte les chiffres de ce rapport à partir des appels et des "
    "contacts.",
    "p.not_in_pack": "Ce que le dossier n’a pas, et qui n’est donc pas recompté\u202f: la "
    "comparaison avec la période précédente, le temps des conseillers, et qui a établi ce rapport "
    "quand. Les contacts et les corrections des deux derniers jours sont scellés plus tard, et "
    "figurent ensuite dans un dossier.",
    # --- clock starts
    "start.arrival": "à l’arrivée de l’appel", "start.welcome_end": "à la fin du message d’accueil",
    "start.voice_server_left": "à la sortie du serveur vocal",
    "start.queue_joined": "à l’entrée dans la file",
    # --- service levels
    "f.abandoned_within_count_for": "Abandons avant T inclus",
    "f.answered_only": "Décrochés seuls",
    "f.abandoned_count_against": "Tous les abandons contre",
    "f.abandoned_within_left_out": "Abandons avant T écartés",
    "f.short_abandoned_count_for": "Abandons courts inclus",
    "n.abandoned_within_count_for": "(déc≤T + ab≤T) / (déc + ab)",
    "n.answered_only": "déc≤T / déc",
    "n.abandoned_count_against": "déc≤T / (déc + ab)",
    "n.abandoned_within_left_out": "déc≤T / (déc + ab>T)",
    "n.short_abandoned_count_for": "(déc≤T + ab≤court) / (déc + ab)",
    # --- waits
    "w.mean": "Moyenne", "w.longest": "La plus longue, abandons compris",
    "w.percentile": "{p}\u202f% ont attendu au plus",
    "w.calls": "Appels (chronomètre à prise en charge)",
    "w.visits": "Files (entrée à décroché)",
    "w.talk": "Conversation moyenne", "w.hold": "dont en garde",
    "w.rna": "Présentations sans réponse",
    "w.transfers": "Conversations transférées", "w.repeats": "Appels réitérés sous 7 jours",
    "w.repeats_help": "indice de demandes non résolues",
    "w.agent": "Pris en charge par un conseiller",
    "w.voice": "Pris en charge par un serveur vocal",
    # --- codes
    "r.outside_opening_hours": "hors des heures d’ouverture", "r.test_number": "numéro de test",
    "r.internal_call": "appel interne",
    "r.left_before_the_clock": "parti avant le départ du chronomètre",
    "a.withdraw_caller": "retirer l’appelant de la file",
    "a.redirect_channel": "envoyer l’appelant ailleurs", "a.change_priority": "changer la priorité",
    "a.add_member": "ajouter un conseiller", "a.remove_member": "retirer un conseiller",
    "a.change_penalty": "changer une pénalité", "a.set_global": "poser une variable",
    "a.put_database": "écrire dans la base du PBX", "a.change_lamp": "commuter un voyant",
    "o.pending": "en cours", "o.done": "fait", "o.moved": "déplacé",
    "o.answered_meanwhile": "décroché entre-temps", "o.left_meanwhile": "parti entre-temps",
    "o.still_waiting": "attend toujours", "o.failed": "échec", "o.not_observed": "pas observé",
    # --- changes of policy
    "ch.within": "seuil", "ch.at_risk_after": "à risque après", "ch.short_abandon":
    "abandon court en dessous de", "ch.starts_on": "départ du chronomètre", "ch.target": "objectif",
    "ch.service_level": "formule du niveau de service", "ch.queue_within": "{subject}, seuil",
    "ch.queue_at_risk_after": "{subject}, à risque après", "ch.queue_target": "{subject}, objectif",
    "ch.queue_service_level": "{subject}, formule", "ch.queue_calendar": "{subject}, calendrier",
    "ch.queue_label": "{subject}, libellé", "ch.queue_added": "file {subject} ajoutée",
    "ch.queue_removed": "file {subject} retirée",
    "ch.voice_server_added": "serveur vocal {subject} ajouté",
    "ch.voice_server_removed": "serveur vocal {subject} retiré",
    "ch.voice_server_counts_when": "le serveur vocal {subject} compte quand",
    "ch.voice_server_contexts": "serveur vocal {subject}, contextes",
    "ch.voice_server_stasis_apps": "serveur vocal {subject}, applications",
    "ch.calendar_added": "calendrier {subject} ajouté",
    "ch.calendar_removed": "calendrier {subject} retiré",
    "ch.calendar_changed": "calendrier {subject} modifié",
    "ch.centre_calendar": "calendrier du centre", "ch.centre_label": "nom du centre",
    "ch.opening_hours": "heures d’ouverture modifiées", "ch.zone": "fuseau horaire",
    "ch.test_numbers": "numéros de test, combien",
    "ch.internal_numbers": "numéros internes, combien",
    "ch.incoming_contexts": "{subject}, contextes d’arrivée",
    "ch.welcome_contexts": "contextes du message d’accueil",
    "ch.fromto": "{what}\u202f: {before} → {after}",
    # --- definitions
    "d.legend": "déc\u202f: passages décrochés\u202f; ab\u202f: passages abandonnés\u202f; "
    "T\u202f: le seuil de la file à l’entrée de l’appelant\u202f; court\u202f: sous la limite des "
    "abandons courts.",
    "df.rate": "Engagement tenu", "dn.rate": "tenus / (tenus + non tenus)",
    "d.rate": "Les appels abandonnés, refusés, exclus et inconnus figurent à côté.",
    "df.asa": "Attente moyenne (ASA)", "dn.asa": "somme des attentes / passages décrochés",
    "d.asa": "De l’entrée en file au décroché.",
    "df.wait_percentile": "Centile des attentes", "dn.wait_percentile": "rang le plus proche",
    "d.wait_percentile": "La plus petite seconde entière que le pourcentage dit des attentes ne "
    "dépasse pas.",
    "df.average_talk": "Conversation moyenne",
    "dn.average_talk": "somme des conversations / leur nombre",
    "d.average_talk": "Des passages décrochés dont la conversation a pris fin.",
    "df.average_hold": "Garde moyenne", "dn.average_hold": "somme des gardes / conversations",
    "d.average_hold": "Des conversations où elle est connue, y compris celles sans garde.",
    "df.ring_no_answer": "Présentations sans réponse",
    "dn.ring_no_answer": "présentations manquées / présentations",
    "d.ring_no_answer": "Une présentation est une sonnerie chez un conseiller.",
    "df.repeats": "Appels réitérés sous 7 jours",
    "dn.repeats": "appels réitérés / appels avec numéro",
    "d.repeats": "L’appelant avait appelé dans les 7 × 24 heures précédentes\u202f: un indice, car "
    "nul ne dit que c’était pour la même demande.",
    "df.coverage": "Couverture", "dn.coverage": "temps d’ouverture observé / temps d’ouverture",
    "d.coverage": "Compté pour chaque système téléphonique, selon le calendrier du centre.",
    # --- charts
    "g.rate": "Engagement tenu par mois\u202f; le trait tireté est l’objectif, les barres sont les "
    "fourchettes",
    "g.rate_plain": "Engagement tenu par mois",
    "g.rate_alt": "Courbe. {points}",
    "g.waits": "Appels par attente jusqu’à la prise en charge, par pas de 5 secondes\u202f; le "
    "trait est le seuil",
    "g.waits_alt": "Diagramme en barres. {within} appels ont attendu au plus {threshold}, {beyond} "
    "plus longtemps.",
    "g.verdicts_alt": "Barre des parts des verdicts. {points}",
    "g.threshold": "{within}",
    "g.point": "{name}\u202f: {value}.",
    # --- mail
    "m.subject": "{title}, {period}",
    "m.body": "Le rapport sur l’engagement {period} est joint.\n\nEngagement tenu\u202f: {rate} "
    "({range}).\nAppels\u202f: {calls}, dont {unknown} à l’issue inconnue.\nTemps d’ouverture "
    "observé\u202f: {coverage}.\n\nMinuteur envoie ce rapport automatiquement.\n",
    "m.too_large": "\nTrop volumineux pour être joint\u202f: {files}. À prendre à l’adresse "
    "{address}\n",
    "m.no_address": "de la page «\u202fRapports\u202f» de Minuteur",
}  # fmt: skip

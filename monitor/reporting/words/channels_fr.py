"""What a report says of other channels, of callers' answers and of blind intervals, in French."""

from typing import Final

WORDS: Final = {
    "bc.monitor_stopped": "Le moniteur a été arrêté.",
    "bc.monitor_not_running": "Le moniteur ne tournait pas.",
    "bc.not_watched": "Le système n’était pas suivi.",
    "bc.settings_changed": "Les réglages de la liaison ont changé.",
    "bc.unreachable": "Le système était injoignable.",
    "bc.no_answer": "Le système ne répondait plus.", "bc.closed": "La liaison a été perdue.",
    "bc.restarting": "Le système redémarrait.", "bc.refused": "Le système a refusé l’accès.",
    "bc.tls": "Pas de liaison sûre avec le système.",
    "bc.state_untold": "Le système n’a pas dit son état.",
    "bc.clock_set": "L’horloge du système a été réglée.",
    "bc.filters": "La liaison a été refaite.", "bc.link_failed": "La liaison a échoué.",
    "bc.restarted": "Le système a redémarré.",
    "k.channels": "Autres canaux, réponses à temps",
    "k.channels_note": "{met} sur {judged} contacts tranchés",
    "k.satisfaction": "Note moyenne des appelants", "k.satisfaction_note": "{answers} réponses",
    "cn.email": "E-mail", "cn.letter": "Courrier", "cn.callback": "Rappel demandé",
    "cn.chat": "Messagerie en ligne", "cn.complaint": "Réclamation", "cn.other": "Autre",
    "pr.span": "en moins de {span}", "pr.opening_hours": "en moins de {span} d’ouverture",
    "pr.moment": "avant un moment donné", "pr.day": "1 jour", "pr.days": "{days} jours",
    "xr.duplicate": "reçu deux fois", "xr.unsolicited": "non sollicité", "xr.test": "test",
    "xr.not_ours": "pas du ressort du centre",
    "c.channel": "Canal", "c.registered": "Enregistrés", "c.in_time": "À temps",
    "c.late": "En retard", "c.pending": "En attente", "c.withdrawn": "Retirés",
    "c.answer_time": "Réponse moy.", "c.promise": "Ce qui était annoncé", "c.contacts": "Contacts",
    "c.score": "Note", "c.answers": "Réponses", "c.asked": "Sollicités", "c.response": "Taux",
    "c.mean": "Moyenne", "c.satisfied": "Deux meilleures",
    "t.channels": "Promesses par canal", "t.promises": "Selon ce qui était annoncé",
    "t.channel_months": "Réponses à temps, par canal et par mois",
    "t.contact_exclusions": "Contacts exclus, par raison",
    "t.scale": "Notes de 1 à {best}", "t.satisfaction_months": "Réponses par mois",
    "p.channels": "Ce qui était annoncé sur les autres canaux se mesure selon la même "
    "règle\u202f: une réponse avant l’échéance est à temps\u202f; à l’échéance, après, ou sans "
    "réponse, c’est en retard. La part est à temps / (à temps + en retard)\u202f; ce qui est en "
    "attente, retiré ou exclu figure à côté. Un contact appartient au mois de sa réception, et est "
    "donné tel qu’il était quand le rapport a été établi.",
    "p.overdue": "Échéances passées, encore sans réponse\u202f: {overdue}.",
    "p.callbacks": "Rappels demandés par les appelants\u202f: {asked}\u202f; faits\u202f: {done} "
    "({share})\u202f; faits avant l’échéance\u202f: {in_time}.",
    "p.promises": "Les délais courent nuit et jour, ou seulement pendant les heures d’ouverture du "
    "calendrier nommé.",
    "p.promises_most": "Les {shown} qui ont le plus de contacts sont listés\u202f; le JSON de ce "
    "rapport les a tous.",
    "p.no_contacts": "Aucun contact d’un autre canal n’a été enregistré sur cette période.",
    "p.contacts_removed": "Les contacts de cette période ne peuvent plus être prouvés\u202f: leur "
    "durée de conservation est passée.",
    "p.satisfaction": "Appels après lesquels une note a été demandée\u202f: {asked}. Notes "
    "données\u202f: {answered} ({share}).",
    "p.scale": "Sur une échelle de 1 à {best}, {answers} réponses, {mean} en moyenne. Les deux "
    "meilleures notes\u202f: {satisfied}.",
    "p.scale_short": "Sur une échelle de 1 à {best}, {answers} réponses, {mean} en moyenne. La "
    "meilleure note\u202f: {satisfied}.",
    "df.contact_rate": "Autres canaux, à temps",
    "dn.contact_rate": "à temps / (à temps + en retard)",
    "d.contact_rate": "Selon l’échéance annoncée à l’enregistrement du contact.",
    "df.callbacks_done": "Rappels demandés, faits", "dn.callbacks_done": "faits / demandés",
    "d.callbacks_done": "À temps ou en retard\u202f; sans les exclus.",
    "df.satisfaction_response": "Taux de réponse",
    "dn.satisfaction_response": "notes données / demandées",
    "d.satisfaction_response": "Appels après lesquels une note a été demandée.",
    "df.satisfaction_mean": "Note moyenne", "dn.satisfaction_mean": "somme des notes / réponses",
    "d.satisfaction_mean": "Pour chaque échelle à part\u202f: 4 sur 5 n’est pas 4 sur 10.",
    "df.satisfied": "Deux meilleures notes",
    "dn.satisfied": "réponses avec l’une d’elles / réponses",
    "d.satisfied": "Sur une échelle de 2 ou 3, la meilleure seule.",
}  # fmt: skip

"""The text that goes with every pack, in English and French."""

from typing import Final

LINES: Final = """\
import hashlib, json, pathlib, sys

root, sha = pathlib.Path(sys.argv[1]), lambda data: hashlib.sha256(data).hexdigest()
told, head = json.loads((root / "manifest.json").read_bytes()), None
for line in (root / "seals.jsonl").read_bytes().splitlines():
    seal = json.loads(line)
    day = seal["day"]
    follows = head == seal["previous"] or (head is None and day == told["first"])
    assert follows, f"the chain breaks before {day}"
    head = sha(line)
    parts = {f"days/{day}/{part}": sealed for part, sealed in seal["parts"].items()}
    for name, sealed in {**parts, f"amendments/{day}/amendments": seal["amendments"]}.items():
        if (digests := root / f"{name}.sha256").exists():
            assert sha(digests.read_bytes()) == sealed["root"], f"not what was sealed: {digests}"
            lines = (root / f"{name}.jsonl").read_bytes().splitlines()
            assert [sha(each) for each in lines] == digests.read_text().split(), f"{name}.jsonl"
        first = told["first" if name.endswith(("/calls", "/amendments")) else "full"]
        last = told["last_seal" if name.endswith(("/contacts", "/amendments")) else "last"]
        if sealed["count"] and first <= day <= last and not digests.exists():
            print("sealed, but not in the pack:", name)
print(f"head of the chain from {told['first']} to {day}: {head}")
"""
"""Checks an unzipped pack without the program; docs/evidence.md has the same lines."""
_RUN: Final = "sed -n '/^import hashlib/,/^print/p' README.txt | python3 - ."
_ENGLISH: Final = """\
EVIDENCE PACK OF MINUTEUR                                   (en français : plus bas)

What it is. The telephone calls of a period, as the monitor saw them, and the figures
counted from them. Callers and agents are pseudonyms. manifest.json names the period.

  seals.jsonl              one line a day: the seal, which names the seal before it
  days/DAY/PART.jsonl      one line a document (a call, its timeline, a policy ...)
  days/DAY/PART.sha256     the SHA-256 of each of these lines
  amendments/DAY/...       what the seal of DAY says of calls of days sealed before
  days/.../contacts.jsonl  what became of e-mails, letters, callbacks, complaints
  figures.json ...         the figures, all of them counted from the documents
  report.en.pdf, .fr.pdf   the report for people; its figures are those of report.json
  SHA256SUMS               the digest of each of these files

How to check it. With the program, which needs no database and no key:

  minuteur evidence verify PACK.zip --head HEAD

HEAD is the head of the chain that you were given at another time (in a report, by mail):
64 hexadecimal digits. Without one, a pack proves that it was not changed since it was made;
with one, that the days up to that head are what they were when it was handed out.

Without the program, once unzipped:

  sha256sum -c SHA256SUMS               every file is what it was
  sha256sum days/DAY/PART.sha256        is the "root" of PART in the seal of DAY
  each line of PART.sha256              is the SHA-256 of the same line of PART.jsonl
  each "previous" in seals.jsonl        is the SHA-256 of the line before it
  the SHA-256 of the last line          is the head of the chain

(lines without their line end). The twenty lines of Python at the end of this file do so, and
name what was sealed and has no file here: only what "left_out" in manifest.json names may be so.
Read them, then run them in this folder (Python 3.8 or later):

"""
_FRENCH: Final = """\
DOSSIER DE PREUVES DE MINUTEUR

Ce que c'est. Les appels téléphoniques d'une période, tels que le moniteur les a vus, et les
chiffres qui en sont comptés. Appelants et conseillers sont des pseudonymes. La période est
dans manifest.json.

  seals.jsonl              une ligne par jour : le sceau, qui nomme le sceau précédent
  days/JOUR/PART.jsonl     une ligne par document (un appel, sa chronologie, une règle...)
  days/JOUR/PART.sha256    l'empreinte SHA-256 de chacune de ces lignes
  amendments/JOUR/...      ce que le sceau du JOUR dit d'appels de jours déjà scellés
  days/.../contacts.jsonl  ce que sont devenus e-mails, courriers, rappels, réclamations
  figures.json ...         les chiffres, tous comptés à partir des documents
  report.en.pdf, .fr.pdf   le rapport, à lire ; ses chiffres sont ceux de report.json
  SHA256SUMS               l'empreinte de chacun de ces fichiers

Comment le vérifier. Avec le programme, sans base de données et sans clé :

  minuteur evidence verify DOSSIER.zip --head TETE

TETE est la tête de chaîne qui vous a été remise à un autre moment (dans un rapport, par
courriel) : 64 chiffres hexadécimaux. Sans elle, le dossier prouve qu'il n'a pas changé depuis
qu'il a été fait ; avec elle, que les jours jusqu'à cette tête sont ce qu'ils étaient alors.

Sans le programme, une fois décompressé :

  sha256sum -c SHA256SUMS               chaque fichier est ce qu'il était
  sha256sum days/JOUR/PART.sha256       est le « root » de PART dans le sceau du JOUR
  chaque ligne de PART.sha256           est le SHA-256 de la même ligne de PART.jsonl
  chaque « previous » de seals.jsonl    est le SHA-256 de la ligne précédente
  le SHA-256 de la dernière ligne       est la tête de chaîne

(lignes sans leur fin de ligne). Les vingt lignes de Python à la fin de ce fichier le font, et
nomment ce qui a été scellé et n'a pas de fichier ici : seul ce que « left_out » nomme dans
manifest.json peut manquer. Lisez-les, puis lancez-les dans ce dossier (Python 3.8 ou plus) :

"""
_RULE: Final = f"\n{'-' * 92}\n\n"
TEXT: Final = f"{_ENGLISH}  {_RUN}\n{_RULE}{_FRENCH}  {_RUN}\n{_RULE}{LINES}"

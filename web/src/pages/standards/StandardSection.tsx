/** One standard: what is said of it in public, row by row against what Minuteur has. */
import {
  isHanded,
  MEANS,
  type Means,
  named,
  type Row,
  type Standard,
  sourceOf,
  type Words,
} from './content';
import styles from './Standards.module.css';

interface Said {
  readonly name: string;
  readonly about: string;
  readonly unread: string;
  readonly rows: Readonly<Record<string, { readonly says: string; readonly outside: string }>>;
}

export function StandardSection({ standard, words }: { standard: Standard; words: Words }) {
  const said = named<Said>(words.texts, standard.id);
  return (
    <section className={styles.block} id={standard.id} aria-labelledby={`${standard.id}-name`}>
      <h2 id={`${standard.id}-name`}>{said.name}</h2>
      <p className={styles.about}>{said.about}</p>
      <p className={styles.about}>
        <strong>{words.unread}</strong> {said.unread}
      </p>
      <table
        className={`${styles.table} ${styles.standard}`}
        aria-labelledby={`${standard.id}-name`}
      >
        <thead>
          <tr>
            <th scope="col">{words.table.says}</th>
            <th scope="col">{words.table.measures}</th>
            <th scope="col">{words.table.records}</th>
            <th scope="col">{words.table.outside}</th>
          </tr>
        </thead>
        <tbody>
          {standard.rows.map((row) => (
            <Line key={row.id} row={row} standard={standard} said={said} words={words} />
          ))}
        </tbody>
      </table>
      {standard.rows.some(isHanded) && (
        <p className={styles.foot}>
          <sup>*</sup> {words.table.handed}
        </p>
      )}
      <Sources standard={standard} words={words} />
    </section>
  );
}

function Line({
  row,
  standard,
  said,
  words,
}: {
  row: Row;
  standard: Standard;
  said: Said;
  words: Words;
}) {
  const { says, outside } = named(said.rows, row.id);
  return (
    <tr>
      <th scope="row">
        {row.quote !== undefined && (
          <q lang="fr" className={styles.quote}>
            {row.quote}
          </q>
        )}
        {says}
        {isHanded(row) && <sup>*</sup>}
        {row.source !== undefined && (
          <Mark id={row.source} standard={standard} label={words.table.source} />
        )}
      </th>
      {(['measures', 'records'] as const).map((kind) => {
        const own = MEANS.filter((means) => means.kind === kind && row.means.includes(means.id));
        return (
          <td key={kind} data-label={words.table[kind]} data-empty={own.length === 0 || undefined}>
            <Chips own={own} words={words} />
          </td>
        );
      })}
      <td data-label={words.table.outside}>{outside}</td>
    </tr>
  );
}

/** The number of the source in which a row was read. */
function Mark({ id, standard, label }: { id: string; standard: Standard; label: string }) {
  const number = standard.sources.indexOf(id) + 1;
  return (
    <sup className={styles.mark}>
      <a href={`#${standard.id}-${number}`} aria-label={`${label} ${number}`}>
        {number}
      </a>
    </sup>
  );
}

function Chips({ own, words }: { own: readonly Means[]; words: Words }) {
  if (own.length === 0) return <span className={styles.none}>{words.table.nothing}</span>;
  return (
    <ul className={styles.chips}>
      {own.map(({ id }) => (
        <li key={id}>
          <a href={`#means-${id}`}>{named<{ name: string }>(words.means.items, id).name}</a>
        </li>
      ))}
    </ul>
  );
}

function Sources({ standard, words }: { standard: Standard; words: Words }) {
  return (
    <div className={styles.sources}>
      <h3>{words.read}</h3>
      <ol>
        {standard.sources.map((id, index) => {
          const { title, url, language: spoken } = sourceOf(id);
          return (
            <li key={id} id={`${standard.id}-${index + 1}`} lang={spoken}>
              <a href={url} rel="noreferrer" target="_blank">
                {title}
              </a>
            </li>
          );
        })}
      </ol>
    </div>
  );
}

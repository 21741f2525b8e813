/** Which text speaks of what, what Minuteur has for it, and from which page to show it. */
import { useEffect } from 'react';
import { Link } from 'react-router';
import { useSession } from '../../shell/use-session';
import { useTitle } from '../../shell/use-title';
import {
  addressOf,
  BEYOND,
  commandOf,
  MEANS,
  type Means,
  named,
  READ_ON,
  SHOW,
  STANDARDS,
  useWords,
  type Words,
} from './content';
import { StandardSection } from './StandardSection';
import styles from './Standards.module.css';

export default function StandardsPage() {
  const { words, language } = useWords();
  const day = new Intl.DateTimeFormat(language === 'fr' ? 'fr-FR' : 'en-GB', {
    dateStyle: 'long',
    timeZone: 'UTC',
  });
  useTitle(words.title);
  useEffect(() => {
    // The page came after its address: the browser has looked for the place already, in vain.
    document.getElementById(window.location.hash.slice(1))?.scrollIntoView();
  }, []);
  return (
    <main id="content" className={styles.page}>
      <header className={styles.head}>
        <h1>{words.title}</h1>
        <p className={styles.lead}>{words.lead}</p>
        <p className={styles.claim}>
          {words.noClaim} {words.readOn.replace('{{date}}', day.format(new Date(READ_ON)))}
        </p>
      </header>
      <Contents words={words} />
      <Show words={words} />
      <section className={styles.block} id="beyond">
        <h2>{words.beyond.title}</h2>
        <ul className={styles.beyond}>
          {BEYOND.map((id) => (
            <li key={id}>{named<string>(words.beyond.items, id)}</li>
          ))}
        </ul>
      </section>
      {STANDARDS.map((standard) => (
        <StandardSection key={standard.id} standard={standard} words={words} />
      ))}
      <Glossary words={words} />
    </main>
  );
}

function Contents({ words }: { words: Words }) {
  return (
    <nav className={styles.contents} aria-label={words.contents}>
      <ul>
        <li>
          <a href="#show">{words.show.title}</a>
        </li>
        <li>
          <a href="#beyond">{words.beyond.title}</a>
        </li>
        {STANDARDS.map(({ id }) => (
          <li key={id}>
            <a href={`#${id}`}>{named<{ name: string }>(words.texts, id).name}</a>
          </li>
        ))}
        <li>
          <a href="#means">{words.means.title}</a>
        </li>
      </ul>
    </nav>
  );
}

/** What an auditor asks, and where the answer is. */
function Show({ words }: { words: Words }) {
  return (
    <section className={styles.block} id="show">
      <h2>{words.show.title}</h2>
      <table className={`${styles.table} ${styles.show}`}>
        <thead>
          <tr>
            <th scope="col">{words.show.asked}</th>
            <th scope="col">{words.show.look}</th>
            <th scope="col">{words.show.where}</th>
          </tr>
        </thead>
        <tbody>
          {SHOW.map(({ id, page }) => {
            const { asked, look } = named<{ asked: string; look: string }>(words.show.items, id);
            return (
              <tr key={id}>
                <th scope="row">{asked}</th>
                <td>{look}</td>
                <td className={styles.where}>
                  <Where page={page} words={words} />
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </section>
  );
}

/** A way to a page, only its name for those who may not go there; or a command. */
function Where({ page, words }: { page: string; words: Words }) {
  const admin = useSession()?.role === 'admin';
  const command = commandOf(page);
  if (command !== undefined) {
    return (
      <span className={styles.none}>
        {words.onServer} <code>{command}</code>
      </span>
    );
  }
  const address = addressOf(page);
  const name = named<string>(words.pages, page);
  if (address.startsWith('/settings') && !admin) {
    return (
      <span className={styles.none}>
        {name} ({words.admins})
      </span>
    );
  }
  return <Link to={address}>{name}</Link>;
}

function Glossary({ words }: { words: Words }) {
  return (
    <section className={styles.block} id="means">
      <h2>{words.means.title}</h2>
      <p className={styles.lead}>{words.means.intro}</p>
      {(['measures', 'records'] as const).map((kind) => (
        <div key={kind}>
          <h3 className={styles.kind}>{words.means.kind[kind]}</h3>
          <dl className={styles.means}>
            {MEANS.filter((means) => means.kind === kind).map((means) => (
              <Meaning key={means.id} means={means} words={words} />
            ))}
          </dl>
        </div>
      ))}
    </section>
  );
}

function Meaning({ means, words }: { means: Means; words: Words }) {
  const { name, what } = named<{ name: string; what: string }>(words.means.items, means.id);
  return (
    <div id={`means-${means.id}`} className={styles.meaning}>
      <dt>{name}</dt>
      <dd>{what}</dd>
      <dd className={styles.seen}>
        {commandOf(means.page) === undefined && `${words.seen} `}
        <Where page={means.page} words={words} />
      </dd>
    </div>
  );
}

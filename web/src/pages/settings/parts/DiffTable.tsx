import { useTranslation } from 'react-i18next';
import styles from '../../../ui/form/Section.module.css';
import { type Difference, differences } from '../../../ui/form/same';
import { useDiffWords } from './diff-words';

/** What differs between two versions of something, field by field, in words. */
export function DiffTable({
  before,
  after,
  heads,
}: {
  before: unknown;
  after: unknown;
  heads?: readonly [string, string];
}) {
  const { t } = useTranslation();
  const words = useDiffWords();
  const found = ofActions(differences(before, after), before, after)
    .map(({ path, before: a, after: b }) => ({
      path,
      was: words.value(path, a),
      is: words.value(path, b),
    }))
    .filter(({ was, is }) => was !== '' || is !== '');
  const isNew = before == null;
  if (found.length === 0) return <p className={styles.nothing}>{t('settings.diff.same')}</p>;
  const [wasHead, isHead] = heads ?? [t('settings.diff.before'), t('settings.diff.after')];
  return (
    <table className={styles.diff}>
      <thead>
        <tr>
          <th scope="col">{t('settings.diff.field')}</th>
          {!isNew && <th scope="col">{wasHead}</th>}
          <th scope="col">{isHead}</th>
        </tr>
      </thead>
      <tbody>
        {found.map(({ path, was, is }) => (
          <tr key={path}>
            <th scope="row">{words.field(path)}</th>
            {!isNew && (
              <td>
                <Side text={was} kind="old" />
              </td>
            )}
            <td>
              <Side text={is} kind="new" />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Side({ text, kind }: { text: string; kind: 'old' | 'new' }) {
  const { t } = useTranslation();
  if (text === '') return <span className={styles.nothing}>{t('settings.diff.nothing')}</span>;
  return kind === 'old' ? (
    <span className={styles.old}>{text}</span>
  ) : (
    <span className={styles.new}>{text}</span>
  );
}

/** An action that became another one is one change, not two halves. */
function ofActions(found: Difference[], before: unknown, after: unknown): Difference[] {
  const inside = found.filter(({ path }) => path.startsWith('do.'));
  if (inside.length < 2) return found;
  const of = (whole: unknown) => (whole as { do?: unknown } | null)?.do;
  return [
    ...found.filter(({ path }) => !path.startsWith('do.')),
    { path: 'do', before: of(before), after: of(after) },
  ];
}

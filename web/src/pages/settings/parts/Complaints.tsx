import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { Callout } from '../../../ui/form/Section';
import { useDiffWords } from './diff-words';
import type { Editor } from './use-editor';

/** All that is wrong with a form, above it; the same stands beside each field. */
export function Complaints({ editor }: { editor: Pick<Editor<object>, 'errors' | 'problem'> }) {
  const { t } = useTranslation();
  const words = useDiffWords();
  const box = useRef<HTMLDivElement>(null);
  const found = Object.entries(editor.errors);
  const text = JSON.stringify([found, editor.problem]);
  useEffect(() => {
    if (text !== '[[],""]') box.current?.scrollIntoView({ block: 'nearest' });
  }, [text]);
  if (found.length === 0 && editor.problem === '') return null;
  return (
    <div ref={box}>
      <Callout
        tone="breach"
        role="alert"
        title={editor.problem || t('settings.form.wrong', { count: found.length })}
      >
        {found.length > 0 && (
          <ul>
            {found.map(([path, message]) => (
              <li key={path}>
                <strong>{words.field(path)}</strong> – {message}
              </li>
            ))}
          </ul>
        )}
      </Callout>
    </div>
  );
}

import { Button } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { type RefObject, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';

/**
 * Copies a text. Where the browser forbids that (the page came without encryption), `shown`, which
 * holds the text, is selected, and the person is told to copy it.
 */
export function Copy({
  text,
  label,
  name,
  shown,
  variant = 'default',
}: {
  text: string;
  label: string;
  /** What it is called where that is more than its label. */
  name?: string;
  shown: RefObject<HTMLElement | null>;
  variant?: 'default' | 'filled' | 'subtle';
}) {
  const { t } = useTranslation();
  const [done, setDone] = useState<'copied' | 'selected' | null>(null);
  useEffect(() => {
    if (done === null) return;
    const timer = window.setTimeout(() => setDone(null), 6_000);
    return () => window.clearTimeout(timer);
  }, [done]);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setDone('copied');
    } catch {
      if (shown.current !== null) window.getSelection()?.selectAllChildren(shown.current);
      setDone('selected');
    }
  };
  return (
    <>
      <Button
        variant={variant}
        size="compact-md"
        leftSection={
          done === 'copied' ? (
            <IconCheck size={16} aria-hidden />
          ) : (
            <IconCopy size={16} aria-hidden />
          )
        }
        {...(name === undefined ? {} : { 'aria-label': name })}
        onClick={() => void copy()}
      >
        {done === 'copied' ? t('evidence.copied') : label}
      </Button>
      <span role="status" className={done === 'selected' ? '' : 'sr-only'}>
        {done === 'copied' && t('evidence.copied')}
        {done === 'selected' && t('evidence.copyFailed')}
      </span>
    </>
  );
}

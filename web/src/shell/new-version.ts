/** Notices that the server has another build of this page than the one that runs here. */
import { useEffect, useState } from 'react';
import { useLive } from '../live/context';

const MODULE = /<script[^>]+type="module"[^>]+src="([^"]+)"/;

/** The address of the page's own script, which has a digest of the build in it. */
export const scriptOf = (html: string): string | null => MODULE.exec(html)?.[1] ?? null;

const ownScript = (): string | null =>
  document.querySelector<HTMLScriptElement>('script[type=module][src]')?.getAttribute('src') ??
  null;

async function serversScript(): Promise<string | null> {
  try {
    const answer = await fetch('/', { cache: 'no-store', headers: { Accept: 'text/html' } });
    return answer.ok ? scriptOf(await answer.text()) : null;
  } catch {
    return null;
  }
}

/** True from then on. Looked at each time the stream has come back: only then is a server new. */
export function useNewVersion(): boolean {
  const { phase } = useLive();
  const [isNew, setIsNew] = useState(false);
  const live = phase.kind === 'live';
  useEffect(() => {
    const own = ownScript();
    if (!live || own === null) return;
    let wanted = true;
    void serversScript().then((script) => {
      if (wanted && script !== null && script !== own) setIsNew(true);
    });
    return () => {
      wanted = false;
    };
  }, [live]);
  return isNew;
}

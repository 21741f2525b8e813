import { lazy, Suspense, useEffect, useRef, useState } from 'react';
import { useLocation, useNavigate } from 'react-router';
import { GO_PATHS, ShortcutReader } from './shortcuts';
import { useSession } from './use-session';

const ShortcutHelp = lazy(() => import('./ShortcutHelp'));

/** How long a page may take until its search field is there. */
const FIELD_MS = 3_000;

/** Listens for the keys; nothing shows but the help, when somebody asks for it. */
export function Shortcuts() {
  const navigate = useNavigate();
  const { pathname } = useLocation();
  const admin = useSession()?.role === 'admin';
  const [help, setHelp] = useState(false);
  const [reader] = useState(() => new ShortcutReader());
  const place = useRef(pathname);
  useEffect(() => {
    place.current = pathname;
  }, [pathname]);

  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      // What is open over the page has its own keys.
      if (document.querySelector('dialog[open], [role=dialog]') !== null) return;
      const action = reader.read({
        key: event.key,
        modified: event.ctrlKey || event.metaKey || event.altKey,
        typing: isField(event.target),
        at: event.timeStamp,
      });
      if (action === null) return;
      event.preventDefault();
      if (action.kind === 'help') setHelp(true);
      else if (action.kind === 'search') search(place.current, (to) => void navigate(to));
      else if (action.kind === 'go' && (action.to !== 'settings' || admin)) {
        void navigate(GO_PATHS[action.to]);
      }
    };
    window.addEventListener('keydown', press);
    return () => window.removeEventListener('keydown', press);
  }, [reader, navigate, admin]);

  if (!help) return null;
  return (
    <Suspense fallback={null}>
      <ShortcutHelp admin={admin} onClose={() => setHelp(false)} />
    </Suspense>
  );
}

function isField(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || target.matches('input, textarea, select');
}

const searchField = (): HTMLElement | null =>
  document.querySelector<HTMLElement>('input[type=search], [data-search]');

/** To the page's own search field; from a page without one, to that of the calls. */
function search(pathname: string, go: (to: string) => void): void {
  const field = searchField();
  if (field !== null) {
    field.focus();
    return;
  }
  if (pathname !== '/calls') go('/calls');
  const until = performance.now() + FIELD_MS;
  const look = () => {
    const found = searchField();
    if (found !== null) found.focus();
    else if (performance.now() < until) window.setTimeout(look, 50);
  };
  look();
}

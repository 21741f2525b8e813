/** What a wall screen shows in turn: all of it stands in its address; pure. */

export const WALL_VIEWS = ['overview', 'worst', 'queues', 'agents'] as const;
export type WallView = (typeof WALL_VIEWS)[number];

export const EVERY_DEFAULT_S = 15;
const EVERY_LEAST_S = 3;
const EVERY_MOST_S = 3600;

export interface WallSettings {
  readonly views: readonly WallView[];
  readonly everyS: number;
  /** Keys of the queues that have a picture of their own. */
  readonly queues: readonly string[];
  readonly language: 'en' | 'fr' | null;
  readonly theme: 'dark' | 'light';
}

/** One picture of the turn. */
export type WallSlide =
  | { readonly kind: 'overview' | 'worst' | 'agents' }
  | { readonly kind: 'queue'; readonly key: string };

const isView = (word: string): word is WallView => WALL_VIEWS.some((view) => view === word);

const words = (params: URLSearchParams, name: string): string[] =>
  (params.get(name) ?? '')
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');

/** Reads an address that somebody may have typed: what makes no sense is as if it were not there. */
export function readWall(params: URLSearchParams): WallSettings {
  const views = [...new Set(words(params, 'views').filter(isView))];
  const queues = [...new Set(words(params, 'queues'))];
  const every = Number(params.get('every') ?? EVERY_DEFAULT_S);
  const language = params.get('lang');
  return {
    views:
      views.length > 0 ? views : ['overview', queues.length > 0 ? 'queues' : 'worst', 'agents'],
    everyS: Number.isFinite(every)
      ? Math.min(EVERY_MOST_S, Math.max(EVERY_LEAST_S, every))
      : EVERY_DEFAULT_S,
    queues,
    language: language === 'en' || language === 'fr' ? language : null,
    theme: params.get('theme') === 'light' ? 'light' : 'dark',
  };
}

export function writeWall(settings: WallSettings): string {
  const params = new URLSearchParams({
    views: settings.views.join(','),
    every: String(settings.everyS),
  });
  if (settings.queues.length > 0) params.set('queues', settings.queues.join(','));
  if (settings.language !== null) params.set('lang', settings.language);
  if (settings.theme !== 'dark') params.set('theme', settings.theme);
  // Commas and slashes may stand in a query as they are; people read these addresses.
  return `/wall?${params.toString().replaceAll('%2C', ',').replaceAll('%2F', '/')}`;
}

/** The pictures in their turn; queues that nobody knows (any more) are left out. */
export function slidesOf(
  { views, queues }: WallSettings,
  known: ReadonlySet<string>,
): readonly WallSlide[] {
  const slides = views.flatMap((view): WallSlide[] =>
    view === 'queues'
      ? queues.filter((key) => known.has(key)).map((key) => ({ kind: 'queue', key }))
      : [{ kind: view }],
  );
  return slides.length > 0 ? slides : [{ kind: 'overview' }];
}

export const slideId = (slide: WallSlide): string =>
  slide.kind === 'queue' ? `queue ${slide.key}` : slide.kind;

/** Which picture comes next, also after the turn itself has changed. */
export function nextSlide(slides: readonly WallSlide[], current: string): WallSlide {
  const index = slides.findIndex((slide) => slideId(slide) === current);
  return slides[(index + 1) % slides.length] ?? { kind: 'overview' };
}

/** So far (px) all is moved now and then, that no edge is burnt into the screen. */
const DRIFT_PX = 8;
const DRIFT_STEPS = 24;

/** A slow circle: one step a minute. */
export function driftAt(now: number): { x: number; y: number } {
  const step = Math.floor(now / 60_000) % DRIFT_STEPS;
  const angle = (2 * Math.PI * step) / DRIFT_STEPS;
  return { x: Math.round(DRIFT_PX * Math.cos(angle)), y: Math.round(DRIFT_PX * Math.sin(angle)) };
}

/** Which overflow rules look at a queue; pure. */
import type { LiveQueue, RuleOut } from '../../api/types';

type Rule = Pick<RuleOut, 'pbx' | 'queues' | 'enabled' | 'dry_run' | 'forced'>;

export function watches(rule: Rule, queue: Pick<LiveQueue, 'pbx' | 'name'>): boolean {
  if (rule.pbx !== '' && rule.pbx !== queue.pbx) return false;
  return rule.queues.some((pattern) => matches(queue.name, pattern));
}

/** As the server matches: `*` any text, `?` one character, `[…]` one of these. */
function matches(name: string, pattern: string): boolean {
  if (!/[*?[]/.test(pattern)) return name === pattern;
  const source = pattern
    .split(/(\[!?[^\]]+\]|\*|\?)/)
    .map((part) => {
      if (part === '*') return '.*';
      if (part === '?') return '.';
      if (/^\[.+\]$/.test(part)) return part.replace('[!', '[^').replaceAll('\\', '\\\\');
      return part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
    })
    .join('');
  try {
    return new RegExp(`^(?:${source})$`, 's').test(name);
  } catch {
    // `[z-a]` stands for no character, on the server as well.
    return false;
  }
}

export type RuleMode = 'armed' | 'dry_run' | 'off';

export function modeOf(rule: Rule): RuleMode {
  if (!rule.enabled || rule.forced === false) return 'off';
  return rule.dry_run ? 'dry_run' : 'armed';
}

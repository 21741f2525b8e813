import { describe, expect, it } from 'vitest';
import { deriveBoard } from './board';
import { reduce } from './reducer';
import { queue, snapshot } from './samples';
import { isFiltered, readView, shownQueues, toggled, writeView } from './view';

const read = (text: string) => readView(new URLSearchParams(text));

describe('the view of the board', () => {
  it('is read from the address, where nonsense means nothing', () => {
    const view = read(
      'view=rows&queue=lyon/a&queue=lyon/b&pbx=lyon&trouble=1&agents=paused&agents=x',
    );
    expect(view.layout).toBe('rows');
    expect([...view.queues]).toEqual(['lyon/a', 'lyon/b']);
    expect(view.pbx).toBe('lyon');
    expect(view.trouble).toBe(true);
    expect([...view.agents]).toEqual(['paused']);
    expect(read('view=table&trouble=yes').layout).toBe('cards');
    expect(isFiltered(read('view=table&trouble=yes'))).toBe(false);
  });

  it('comes back from the address that it was written to', () => {
    const text = 'view=rows&queue=lyon%2Fa+b&pbx=lyon&trouble=1&agents=talking&agents=paused';
    expect(writeView(new URLSearchParams(), read(text)).toString()).toBe(text);
  });

  it('leaves out what is as usual, and leaves alone what is not its own', () => {
    const next = writeView(new URLSearchParams('view=rows&from=mail'), read(''));
    expect(next.toString()).toBe('from=mail');
  });

  it('lets through what was chosen, in the order of the board', () => {
    const { state } = reduce(
      null,
      snapshot(1, { queues: [queue('a'), queue('b'), queue('c', { pbx: 'two' })] }),
    );
    if (state === null) throw new Error('no state');
    const { queues } = deriveBoard(state);
    const keys = (text: string) =>
      shownQueues(
        queues,
        read(text),
        new Map([
          ['lab/a', 1],
          ['lab/b', 2],
          ['two/c', 3],
        ] as const),
      ).map(({ key }) => key);
    expect(keys('')).toEqual(['lab/a', 'lab/b', 'two/c']);
    expect(keys('queue=lab/b&queue=lab/gone')).toEqual(['lab/b']);
    expect(keys('pbx=two')).toEqual(['two/c']);
    expect(keys('trouble=1')).toEqual(['lab/b', 'two/c']);
    expect(keys('trouble=1&pbx=lab')).toEqual(['lab/b']);
  });

  it('turns one value of a set', () => {
    expect([...toggled(new Set(['a', 'b']), 'a')]).toEqual(['b']);
    expect([...toggled(new Set(['b']), 'a')]).toEqual(['b', 'a']);
  });
});

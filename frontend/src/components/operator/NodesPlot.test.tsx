import { render, screen, within } from '@testing-library/react';
import { expect, test } from 'vitest';
import { node, sample } from '../../../tests/support/samples';
import { Series } from '../../stats/series';
import { NodesPlot } from './NodesPlot';

/** Two nodes for ten seconds, and how many words each hears of the other in each of them. */
function showTwo(first: number, second: number) {
  const series = new Series(1, 60);
  const hears = (nodeId: string, words: number) => ({
    heard: words > 0 ? [{ nodeId, words, bytes: 1_000 * words }] : [],
  });
  for (let at = 1; at <= 10; at += 1) {
    series.add(node('node-aaaaaa'), [sample(at, hears('node-bbbbbb', first))]);
    series.add(node('node-bbbbbb'), [sample(at, hears('node-aaaaaa', second))]);
  }
  const { times, moments, lives } = series;
  return render(<NodesPlot live={{ times, moments }} lives={lives} />);
}

const links = () =>
  within(screen.getByRole('table', { name: 'What nodes hear of each other' }))
    .getAllByRole('row')
    .slice(1)
    .map((row) => [...row.children].map((cell) => cell.textContent).join(' '));

test('what runs between two nodes is a line and, for whoever does not see it, a table', () => {
  const { container } = showTwo(4, 9);
  expect(links()).toEqual(['bbbbbb aaaaaa heard 4 4 kB', 'aaaaaa bbbbbb heard 9 9 kB']);
  expect(container.querySelectorAll('line')).toHaveLength(1);
  expect(container.querySelector('line')).not.toHaveAttribute('data-suspect');
});

test('a link over which nothing comes is dashed, and said in the sentence', () => {
  const { container } = showTwo(4, 0);
  expect(links()[1]).toBe('aaaaaa bbbbbb suspect 0 0 byte');
  expect(container.querySelector('line')).toHaveAttribute('data-suspect');
  expect(screen.getByText(/Nothing is heard of aaaaaa at bbbbbb\./)).toBeVisible();
});

test('a server that is alone has no map', () => {
  const series = new Series(1, 60);
  series.add(node('node-aaaaaa'), [sample(1), sample(2)]);
  const { times, moments, lives } = series;
  render(<NodesPlot live={{ times, moments }} lives={lives} />);
  expect(screen.queryByRole('table')).not.toBeInTheDocument();
});

import '@testing-library/jest-dom/vitest';
import { cleanup, configure } from '@testing-library/react';
import { afterEach, beforeEach, vi } from 'vitest';

// A busy machine is slow, not wrong.
configure({ asyncUtilTimeout: 10_000 });

beforeEach(() => {
  // jsdom lays nothing out and knows no media: everything is a mouse on a wide screen.
  vi.stubGlobal('matchMedia', (query: string) => ({
    matches: query.includes('pointer: fine') || query.includes('width >='),
    addEventListener: () => {},
    removeEventListener: () => {},
  }));
  vi.stubGlobal(
    'ResizeObserver',
    class {
      observe() {}
      unobserve() {}
      disconnect() {}
    },
  );
  Element.prototype.scrollIntoView ??= () => {};
  Element.prototype.checkVisibility ??= () => true;
});

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

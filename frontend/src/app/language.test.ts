import { expect, test } from 'vitest';
import { languageFor } from './language';
import arabic from './languages/ar';
import { disguised } from './languages/disguise';
import pseudo from './languages/pseudo';
import { english } from './strings';

test('66: the page speaks what was chosen, or the first it knows of what the browser prefers', () => {
  expect(languageFor('ar', ['en-GB'])).toBe('ar');
  expect(languageFor('system', ['fr-FR', 'ar-EG', 'en'])).toBe('ar');
  expect(languageFor('system', ['en-GB', 'ar'])).toBe('en');
  expect(languageFor('system', ['ja', 'fi'])).toBe('en');
});

test('66: a number takes the form that its language has for it', () => {
  expect([1, 2].map(english.people)).toEqual(['1 person', '2 people']);
  expect([1, 2, 3, 11, 100].map(arabic.people)).toEqual([
    'شخص واحد',
    'شخصان',
    '3 أشخاص',
    '11 شخصًا',
    '100 شخص',
  ]);
});

test('66: the disguise makes every text four tenths longer and keeps what is said in it', () => {
  const text = english.rooms.browseIntro;
  expect(pseudo.rooms.browseIntro).toBe(disguised(text));
  expect(pseudo.rooms.browseIntro.length).toBeGreaterThanOrEqual(text.length * 1.4);
  expect(pseudo.rooms.joinedRoom('12')).toContain('12');
  expect(pseudo.rooms.shelves.pinned).toMatch(/^\[.*\]$/);
});

import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import '../styles/tokens.css';
import '../styles/base.css';
import { release } from '../services/release';
import { App } from './App';
import { Session } from './session';

const root = document.getElementById('root');
if (!root) throw new Error('index.html has no #root');

const session = new Session();
session.start();

// The page itself comes first. A browser that lets no worker in works as it did without one.
if (import.meta.env.PROD) addEventListener('load', () => void release.keepAtHand().catch(() => undefined));

createRoot(root).render(
  <StrictMode>
    <App session={session} />
  </StrictMode>,
);

import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import '../styles/tokens.css';
import '../styles/base.css';
import { dress } from '../services/look';
import { App } from './App';
import { Session } from './session';

const root = document.getElementById('root');
if (!root) throw new Error('index.html has no #root');

const session = new Session();
session.settings.subscribe(() => dress(session.settings.now()));
dress(session.settings.now());
void session.check();

createRoot(root).render(
  <StrictMode>
    <App session={session} />
  </StrictMode>,
);

export { type ConnectTcpOptions, connectTcp, DEFAULT_CONNECT_TIMEOUT_MS } from './connect.js';

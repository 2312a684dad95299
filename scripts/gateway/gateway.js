// A real puppet service for tests: the ecosystem's own PuppetServer over its own PuppetMock, 0.25 or 1.x.
//
//   node gateway.js --dir v0|v1 --port GRPC --control HTTP [--token TOKEN] [--tls off|on] [--stock]
//                   [--cert FILE --key FILE]
//
// It serves one account, "bot", in three rooms with twenty members, and is driven by JSON posted to the control
// port on 127.0.0.1: {"cmd": "say", ...}. Every answer is JSON; {"error": ...} says what went wrong.
// With --stock the mock is left as it ships: no message ids, announcements and topics that never change.
'use strict'

const fs = require('fs')
const http = require('http')
const path = require('path')
const { createRequire } = require('module')
const { parseArgs } = require('util')

const { values: options } = parseArgs({
  options: {
    dir: { type: 'string' },
    port: { type: 'string' },
    control: { type: 'string' },
    token: { type: 'string', default: 'token' },
    tls: { type: 'string', default: 'off' },
    cert: { type: 'string' },
    key: { type: 'string' },
    stock: { type: 'boolean', default: false },
  },
})
if (options.tls === 'off') process.env.WECHATY_PUPPET_SERVICE_NO_TLS_INSECURE_SERVER = 'true'
if (options.cert) process.env.WECHATY_PUPPET_SERVICE_TLS_SERVER_CERT = fs.readFileSync(options.cert, 'utf8')
if (options.key) process.env.WECHATY_PUPPET_SERVICE_TLS_SERVER_KEY = fs.readFileSync(options.key, 'utf8')
process.env.WECHATY_LOG = process.env.WECHATY_LOG || 'silent'

const from = createRequire(path.resolve(__dirname, options.dir, 'package.json'))
const load = async name => {
  try {
    return from(name) // 0.x ships CommonJS
  } catch (error) {
    return import(from.resolve(name)) // 1.x ships ES modules
  }
}

const SELF = 'bot'
const TEXT = 7
const RECEIVE = 2 // FriendshipType

async function main () {
  const mock = await load('wechaty-puppet-mock')
  const { PuppetServer } = await load('wechaty-puppet-service')
  const Mocker = mock.mock ? mock.mock.Mocker : mock.Mocker

  const log = [] // what the bot did, in order
  const aliases = new Map() // room/contact -> nickname in the room
  const announcements = new Map()
  const cards = new Map() // message id -> what its card says
  const friendships = new Map()
  let sequence = 0
  const record = (op, detail) => log.push({ at: Date.now(), op, ...detail })

  class Recording extends mock.PuppetMock {
    async start () { record('start', {}); return super.start() }
    async stop () { record('stop', {}); return super.stop() }
    async logout (...reason) { record('logout', {}); return super.logout(...reason) }
    ding (data) { record('ding', { data }); return super.ding(data) }

    async messageSendText (to, text, mentions) {
      record('send', { to, text, mentions: mentions || [] })
      if (options.stock) return super.messageSendText(to, text, mentions) // tells no id
      return commands.say({ from: SELF, to, text, mentions }).id // and so it comes back as a message
    }

    async roomAnnounce (room, text) {
      if (text !== undefined) record('announce', { room, text })
      if (options.stock) return super.roomAnnounce(room, text)
      if (text === undefined) return announcements.get(room) || ''
      announcements.set(room, text)
    }

    async roomTopic (room, text) {
      if (text !== undefined) record('topic', { room, text })
      if (options.stock) return super.roomTopic(room, text)
      if (text === undefined) return this.mocker.roomPayload(room).topic
      rooms[room].topic(text).by(contacts[SELF])
      await super.roomTopic(room, text) // which declares the room dirty
    }

    async roomAdd (room, contact) {
      record('add', { room, contact })
      if (!options.stock) rooms[room].add(contacts[contact]).by(contacts[SELF])
    }

    async roomDel (room, contact) {
      record('remove', { room, contact })
      if (!options.stock) rooms[room].remove(contacts[contact]).by(contacts[SELF])
    }

    async roomMemberList (room) { return this.mocker.roomPayload(room).memberIdList }

    async roomMemberRawPayload (room, contact) {
      const { name } = this.mocker.contactPayload(contact)
      return { avatar: '', id: contact, name, roomAlias: aliases.get(`${room}/${contact}`) || '' }
    }

    async messageContact (id) { return (cards.get(id) || {}).contact || super.messageContact(id) }
    async messageUrl (id) { return cards.get(id) || super.messageUrl(id) }
    async messageMiniProgram (id) { return cards.get(id) || super.messageMiniProgram(id) }
    async friendshipRawPayload (id) { return friendships.get(id) || super.friendshipRawPayload(id) }

    async friendshipAccept (id) {
      record('accept', { friendship: id })
      const { contactId } = friendships.get(id)
      this.mocker.contactPayload(contactId).friend = true
      this.emit('dirty', { payloadType: 2, payloadId: contactId })
    }
  }
  const calls = {} // how often each payload was asked of the puppet
  for (const name of ['messagePayload', 'contactPayload', 'roomPayload', 'roomMemberPayload', 'messageFile']) {
    Recording.prototype[name] = function (...args) {
      calls[name] = (calls[name] || 0) + 1
      return mock.PuppetMock.prototype[name].apply(this, args)
    }
  }

  const mocker = new Mocker()
  const puppet = new Recording({ mocker })
  puppet.on('error', () => {}) // an emitter without a listener for errors would end the process
  const contacts = { [SELF]: mocker.createContact({ id: SELF, name: '群管家' }) }
  for (let i = 0; i < 20; i++) {
    contacts[`c${i}`] = mocker.createContact({ id: `c${i}`, name: `成员${i}`, friend: i % 2 === 0 })
  }
  const rooms = {}
  for (let i = 0; i < 3; i++) {
    const id = `r${i}@chatroom`
    const memberIdList = Object.keys(contacts)
    rooms[id] = mocker.createRoom({ id, topic: `工作群${i}`, ownerId: SELF, adminIdList: [SELF], memberIdList })
    for (const contact of memberIdList) if (contact !== SELF) aliases.set(`${id}/${contact}`, `部门-${contact}`)
  }
  mocker.use(started => { started.login(contacts[SELF]); return () => {} })

  const server = new PuppetServer({ endpoint: `127.0.0.1:${options.port}`, puppet, token: options.token })
  await server.start()

  const commands = {
    // {from, to, text, mentions?, type?, filename?, timestamp?, card?}: somebody says something; answers {id}
    say ({ from, to, text = '', mentions = [], type = TEXT, filename, timestamp, card }) {
      const id = `in-${++sequence}`
      const room = to in rooms
      const payload = {
        id,
        text,
        type,
        filename,
        timestamp: timestamp === undefined ? Date.now() : timestamp,
        fromId: from,
        talkerId: from,
        ...(room ? { roomId: to, mentionIdList: mentions } : { toId: to, listenerId: to }),
      }
      if (card) cards.set(id, card)
      mocker.cacheMessagePayload.set(id, payload)
      puppet.emit('message', { messageId: id })
      return { id }
    },
    // {room, contact, alias, silent?}: a member changes the nickname; no event tells of it if silent
    async alias ({ room, contact, alias, silent = false }) {
      aliases.set(`${room}/${contact}`, alias)
      if (silent) return
      await puppet.dirtyPayload(4, room)
      // 1.x tells it to the client by itself, naming the room; here it is named with the member, as some puppets do
      if (options.dir === 'v0') puppet.emit('dirty', { payloadType: 4, payloadId: `${contact}@@@${room}` })
    },
    join ({ room, contact, by = 'c1' }) { rooms[room].add(contacts[contact]).by(contacts[by]) },
    leave ({ room, contact, by = 'c1' }) { rooms[room].remove(contacts[contact]).by(contacts[by]) },
    topic ({ room, text, by = 'c1' }) { rooms[room].topic(text).by(contacts[by]) },
    // {contact, hello}: somebody asks to become a contact; answers {id}
    friend ({ contact, hello = '' }) {
      const id = `friendship-${++sequence}`
      friendships.set(id, { id, contactId: contact, hello, type: RECEIVE, timestamp: Date.now() })
      puppet.emit('friendship', { friendshipId: id })
      return { id }
    },
    // {event, payload}: any event, with any payload
    raw ({ event, payload }) { puppet.emit(event, payload) },
    // an error event as 1.x puppets write it
    error ({ gerror = 'out of order' }) { puppet.emit('error', { gerror }) },
    login () { mocker.login(contacts[SELF]) },
    async logout () { await puppet.logout('told to') },
    // {}: end the event stream from the server's side, without an error
    async end () { await streams.pop().end() },
    // {clear?}: what the bot did so far
    log ({ clear = false }) { return clear ? log.splice(0) : log.slice() },
    calls ({ clear = false }) {
      const now = { ...calls }
      if (clear) for (const name in calls) delete calls[name]
      return now
    },
  }

  const streams = watchStreams(server)
  http.createServer((request, response) => {
    let body = ''
    request.on('data', chunk => { body += chunk })
    request.on('end', async () => {
      let answer
      try {
        const { cmd, ...args } = JSON.parse(body)
        answer = (await commands[cmd](args)) || {}
      } catch (error) {
        answer = { error: String(error.stack || error) }
      }
      response.end(JSON.stringify(answer))
    })
  }).listen(Number(options.control), '127.0.0.1', () => console.log('ready'))
}

// The event streams that clients hold open, newest last.
function watchStreams (server) {
  const streams = []
  const handler = server.grpcServer.handlers.get('/wechaty.Puppet/Event')
  const { func } = handler
  handler.func = call => { streams.push(call); return func(call) }
  return streams
}

process.on('unhandledRejection', error => console.error('unhandled rejection', error))
main().catch(error => { console.error(error); process.exit(1) })

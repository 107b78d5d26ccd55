// Makes the PDK calls of an allowed request and verifies nothing.
class Plugin {
  async access(kong) {
    await kong.request.get_headers(1000)
    await kong.service.request.set_headers({
      authorization: [],
      'X-OathMesh-Subject': 'agent://repo/acme/deploy-bot',
    })
  }
}
module.exports = { Plugin, Name: 'oathmesh', Version: '0.0.0', Priority: 1450, Schema: [] }
